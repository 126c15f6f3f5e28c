"""Texts of the model report: (English, 简体中文)."""

TEXTS: dict[str, tuple[str, str]] = {
    "model.kicker": ("Model report", "模型报告"),
    "model.title": ("{name}: is it worth using?", "{name}：值得使用吗？"),
}
