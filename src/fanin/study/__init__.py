"""Studies: one network, many initializations and seeds, trained, kept and summed up."""

import fanin.study.tasks  # noqa: F401  first: loaded later, the folder would take the name of the function below
from fanin.study.run import compare
from fanin.study.study import Study, read, titles
from fanin.study.task import ModelTask, Task, tasks

__all__ = ["ModelTask", "Study", "Task", "compare", "read", "tasks", "titles"]
