"""Write the JSON Schemas beside this file."""

from retention_lab.config.schemas import write_schemas

for path in write_schemas():
    print(path.name)
