from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ReformsConfig(AppConfig):
    """The app, with what it does when the log is written and when tables are made."""

    name = "reforms"
    verbose_name = "改革事项"

    def ready(self) -> None:
        """Follow the change log."""
        # Here and not above: models can be imported only once all apps are loaded.
        import reforms.checks  # noqa: F401  # registers them
        from agencies.log.write import recorded
        from reforms.status.past import follow, read_what_was_there

        recorded.connect(follow)
        post_migrate.connect(read_what_was_there, sender=self)
