"""What every definition shares: a name, a file, how rows are split."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from retention_lab.settings.frozen import Frozen
from retention_lab.settings.values import AtLeastOne, Column, Label, Name, Share, Whole


class Definition(Frozen):
    """One YAML file: everything about a model, an A/B test or a campaign.

    name: the file's stem. file: where it was read, for messages.
    """

    set_by_loader: ClassVar[frozenset[str]] = frozenset({"name", "file"})
    name: Name
    file: Path


class Split(Frozen):
    """How rows are held out and cross-fitted.

    share: of the rows, never trained on. folds: None is 2 from 50,000 rows on, else 5.
    """

    share: Share = 0.3
    folds: AtLeastOne | None = Field(default=None, ge=2)
    seed: Whole = 7


class LabelColumn(Frozen):
    """The column that says what happened, and the value that counts as yes."""

    column: Column
    positive: Label
