from django.apps import AppConfig


class ReformsConfig(AppConfig):
    name = "reforms"
    verbose_name = "改革事项"

    def ready(self) -> None:
        from agencies.log.write import recorded
        from reforms.status.past import follow

        recorded.connect(follow)
