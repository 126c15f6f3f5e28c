"""The files of uplift models inside models, as everywhere: see `nested_files`."""

from retention_lab.nested_files import in_folder, json_bytes, of_folder

__all__ = ["in_folder", "json_bytes", "of_folder"]
