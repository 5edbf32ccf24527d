from django.apps import AppConfig


class ImportersConfig(AppConfig):
    """The app, with what it adds to the files that can be made."""

    name = "importers"
    verbose_name = "清单导入"

    def ready(self) -> None:
        """Have the files of editions made where all others are."""
        # Here and not above: models can be imported only once all apps are loaded.
        from importers.editions.files import of_an_edition
        from reforms.exports.makers import MAKERS

        MAKERS["edition"] = of_an_edition
