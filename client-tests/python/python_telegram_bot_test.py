"""A bot written with python-telegram-bot 13.15, as Debian has it: JSON and multipart, 5 seconds of patience for an answer.

Called with the URLs of gateway and simulator. The steps are those of the other languages, and what the short patience adds.
"""

import io
import os
import queue
import sys

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto
from telegram.error import NetworkError, RetryAfter, TimedOut, Unauthorized
from telegram.ext import Filters, MessageHandler, Updater

from simulated_telegram import SimulatedTelegram
from steps import Steps, expect, expect_between, failure_of

BOT = 731_000_000
TOKEN = f"{BOT}:AAE-any-letters-and-digits-will-do_"

# Each step has chats of its own, so that none waits for another's limits.
SENDING, FULL, CHANGING, FLOODED, WRITING, HANGING, SLOW = range(BOT + 1, BOT + 8)

# A chat that the simulator knows as having blocked every bot.
BLOCKED = 999_000_403

PATIENCE_SECONDS = 15

# Longer than the client waits for an answer, by less than a repeated call waits here for the one before.
TOO_LONG_MILLIS = 7_000

gateway, simulator = sys.argv[1:]
telegram = SimulatedTelegram(simulator)
bot = Bot(TOKEN, base_url=f"{gateway}/bot", base_file_url=f"{gateway}/file/bot")


def get_me():
    me = bot.get_me()
    expect("the bot's id", me.id, BOT)
    expect("is_bot", me.is_bot, True)


def sends():
    picture = new_picture()
    pictures = [new_picture() for _ in range(3)]
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton(b, callback_data=b) for b in ("yes", "no")]])

    text = bot.send_message(SENDING, "Привет, world & <b>co</b> 👋", reply_markup=keyboard)
    photo = bot.send_photo(SENDING, io.BytesIO(picture), caption="one photo")
    album = bot.send_media_group(SENDING, [InputMediaPhoto(io.BytesIO(each)) for each in pictures])

    expect("the text that came back", text.text, "Привет, world & <b>co</b> 👋")
    buttons = [(button.text, button.callback_data) for [*row] in text.reply_markup.inline_keyboard for button in row]
    expect("the keyboard", buttons, [("yes", "yes"), ("no", "no")])
    expect("the caption that came back", photo.caption, "one photo")
    expect_same_file(photo, picture)
    expect("the album's length", len(album), 3)
    for message, sent in zip(album, pictures):
        expect_same_file(message, sent)
    expect_received(
        SENDING,
        "sendMessage accepted 1 Привет, world & <b>co</b> 👋",
        "sendPhoto accepted 1 one photo",
        "sendMediaGroup accepted 3",
    )


def full_chat():
    # An album of ten fills its chat for ten seconds; no call waits here for more than four.
    bot.send_media_group(FULL, [InputMediaPhoto(io.BytesIO(new_picture())) for _ in range(10)])
    too_soon = failure_of(RetryAfter, lambda: bot.send_message(FULL, "too soon"))
    expect_between("its delay", too_soon.retry_after, 1, 10)
    expect("what reached the chat", telegram.ledger(BOT, FULL), ["sendMediaGroup accepted 10"])


def changes():
    sent = bot.send_message(CHANGING, "draft")
    edited = bot.edit_message_text("final", CHANGING, sent.message_id)
    expect("the text that came back", edited.text, "final")
    expect("the answer to the delete", bot.delete_message(CHANGING, sent.message_id), True)
    expect_received(
        CHANGING,
        "sendMessage accepted 1 draft",
        "editMessageText accepted 1 final",
        "deleteMessage accepted 0",
    )


def blocked():
    refused = failure_of(Unauthorized, lambda: bot.send_message(BLOCKED, "hello?"))
    expect("its message", refused.message, "Forbidden: bot was blocked by the user")
    expect("what reached the chat", telegram.ledger(BOT, BLOCKED), ["sendMessage refused 0 hello?"])


def flood():
    telegram.flood_chat(FLOODED, 30)
    for text in ("first", "second"):
        flooded = failure_of(RetryAfter, lambda: bot.send_message(FLOODED, text))
        expect_between(f"the delay of the {text}", flooded.retry_after, 20, 30)
    expect("what reached the chat", telegram.ledger(BOT, FLOODED), ["sendMessage flooded 0 first"])


def long_polling():
    heard = queue.Queue()

    def answer(update, context):
        update.message.reply_text(f"you said {update.message.text}")
        heard.put(update.message.text)

    updater = Updater(bot=bot)
    updater.dispatcher.add_handler(MessageHandler(Filters.text, answer))
    updater.dispatcher.add_error_handler(lambda update, context: heard.put(context.error))
    updater.start_polling(timeout=2)  # its stop waits for the poll under way
    try:
        for word in ("one", "two"):
            telegram.user_writes(WRITING, BOT, word)
            expect("what was heard", heard.get(timeout=PATIENCE_SECONDS), word)
    finally:
        updater.stop()
    expect_received(WRITING, "sendMessage accepted 1 you said one", "sendMessage accepted 1 you said two")


def hanging():
    telegram.next_call_suffers(HANGING, "hang_after", TOO_LONG_MILLIS)
    failure_of(TimedOut, lambda: bot.send_message(HANGING, "once"))
    for _ in range(2):
        unknown = failure_of(NetworkError, lambda: bot.send_message(HANGING, "once"))
        expect("that it says 504", unknown.message.endswith("(504)"), True)
    expect_received(HANGING, "sendMessage accepted 1 once")


def slow():
    telegram.next_call_suffers(SLOW, "slow_answer", TOO_LONG_MILLIS)
    failure_of(TimedOut, lambda: bot.send_message(SLOW, "once"))
    expect("the text that came back", bot.send_message(SLOW, "once").text, "once")
    expect_received(SLOW, "sendMessage accepted 1 once")


def expect_received(chat, *lines):
    expect("what reached the chat", telegram.received(BOT, chat), list(lines))


def expect_same_file(message, sent):
    received = bot.get_file(message.photo[-1].file_id).download_as_bytearray()
    if received != sent:
        raise AssertionError("the file that came back is not the one that was sent")


def new_picture():
    """Nobody decodes it: bytes of every value, unlike those of any other, and more than one network packet."""
    return os.urandom(100_000)


steps = Steps("python-telegram-bot", 90)
steps.step("getMe tells who the bot is", get_me)
steps.step("text with keyboard, photo and album arrive in order, each once, files whole", sends)
steps.step("a full chat throws RetryAfter with its delay, and Telegram is not asked", full_chat)
steps.step("a message is edited and deleted", changes)
steps.step("a blocked chat throws Unauthorized", blocked)
steps.step("Telegram's own 429 is thrown as RetryAfter, and binds the next call", flood)
steps.step("long polling hears a user, and the answers arrive in order", long_polling)
steps.step("Telegram hangs for 7 s after accepting: the repeats are told 504, and nothing is sent again", hanging)
steps.step("Telegram answers after 7 s: the repeat gets that answer, and nothing is sent again", slow)
sys.stdout.flush()
os._exit(1 if steps.failed else 0)  # whatever the library still keeps open
