from django.apps import AppConfig


class ImportersConfig(AppConfig):
    """The app, with what it adds to the desk of administrators and to the files that can be made."""

    name = "importers"
    verbose_name = "清单导入"

    def ready(self) -> None:
        """What the app below asks for and cannot know of: imports that wait, and the files of editions."""
        # Here and not above: models can be imported only once all apps are loaded.
        from importers.editions.files import of_an_edition
        from importers.jobs.waiting import imports_waiting
        from reforms.desk.administrator import ask_also
        from reforms.exports.makers import MAKERS

        ask_also(imports_waiting)
        MAKERS["edition"] = of_an_edition
