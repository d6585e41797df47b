from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0011_windows"),
    ]

    operations = [
        migrations.AddField(
            model_name="organization",
            name="logo",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
    ]
