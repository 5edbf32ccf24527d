from django.apps import AppConfig


class AgenciesConfig(AppConfig):
    name = "agencies"
    verbose_name = "单位与人员"

    def ready(self) -> None:
        from agencies.people import sessions

        sessions.connect()
