"""The Telegram channel, and before it the stand-in for the Bot API that it is tested with.

    /usr/bin/python3 -m unittest discover -t . -s tests/telegram
"""
