"""The models of the presets, one file each; their functions are named by the files of `study/tasks`."""
