import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0007_deciding"),
    ]

    operations = [
        migrations.CreateModel(
            name="Told",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveField(
            model_name="outgoing",
            name="body",
        ),
        migrations.RemoveField(
            model_name="outgoing",
            name="headers",
        ),
        migrations.AddField(
            model_name="answer",
            name="published_by",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="comment",
            name="changed",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="comment",
            name="folded",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="comment",
            name="stands",
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.AddField(
            model_name="commentversion",
            name="leaf",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="moderated",
            name="flood",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "published"), models.Q(("mark", ""), _negated=True)),
                fields=("proposal", "mark"),
                name="one_comment_a_mail_address",
            ),
        ),
        migrations.AddField(
            model_name="told",
            name="subscription",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="told", to="store.subscription"
            ),
        ),
        migrations.AddConstraint(
            model_name="told",
            constraint=models.UniqueConstraint(fields=("subscription", "event"), name="told_once"),
        ),
    ]
