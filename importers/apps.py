from django.apps import AppConfig


class ImportersConfig(AppConfig):
    """The app, with what it tells the desk of administrators."""

    name = "importers"
    verbose_name = "清单导入"

    def ready(self) -> None:
        """Imports that wait are told of by the app below, which cannot know of them."""
        # Here and not above: models can be imported only once all apps are loaded.
        from importers.jobs.waiting import imports_waiting
        from reforms.desk.administrator import ask_also

        ask_also(imports_waiting)
