package dev.sluice.simulator;

import dev.sluice.simulator.LedgerEntry.Outcome;
import dev.sluice.simulator.Turn.Done;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The methods of the Bot API: finds the one that was called, runs it under its bot's lock and writes the ledger. Thread-safe. */
final class BotApi {
    /** One method; throws {@link Refusal} for every error. */
    interface Method {
        Done call(Turn turn);
    }

    private record Named(String name, Method method) {}

    private static final String GET_UPDATES = "getUpdates";

    private final Map<String, Named> methods = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Chats chats;
    private final Ledger ledger;
    private final SimulatorClock clock;

    BotApi(
            Vertx vertx,
            Chats chats,
            FileStore files,
            Ledger ledger,
            SimulatorClock clock,
            SimulatorSettings.Updates updates) {
        this.chats = chats;
        this.ledger = ledger;
        this.clock = clock;
        SendingMedia media = new SendingMedia(files);
        addSends(media);
        addEdits(new Editing(media));
        addReceiving(new ReceivingUpdates(new WebhookPoster(vertx, updates.webhookTimeout(), this), updates));
        add("getMe", AboutChats::getMe);
        add("logOut", turn -> Done.of(ApiAnswer.TRUE));
        add("close", turn -> Done.of(ApiAnswer.TRUE));
        add("getFile", media::getFile);
        add("getChat", AboutChats::getChat);
        add("getChatMember", AboutChats::getChatMember);
        add("sendChatAction", AboutChats::sendChatAction);
        add("answerCallbackQuery", AboutChats::answerCallbackQuery);
        add("setMyCommands", AboutChats::setMyCommands);
        add("getMyCommands", AboutChats::getMyCommands);
        add("deleteMyCommands", AboutChats::deleteMyCommands);
    }

    /** The documentation's spelling of a method's name, or the name itself if there is no such method. */
    String spelling(String name) {
        Named known = methods.get(name);
        return known == null ? name : known.name();
    }

    /** Runs a call and answers it: at once, but for a getUpdates that waits. */
    void call(Bot bot, ApiCall call, Promise<ApiAnswer> reply) {
        Named known = methods.get(call.method());
        count(bot, call);
        if (known == null) {
            reply.tryComplete(ApiAnswer.of(Refusal.of(404, "Not Found: method not found")));
            return;
        }
        synchronized (bot) {
            if (known.name().equals(GET_UPDATES)) {
                poll(bot, call, reply);
            } else {
                reply.tryComplete(run(known.method(), turn(bot, call)));
            }
        }
    }

    /** Answers a call with an error that a fault put in, and writes that down. */
    ApiAnswer refuse(Bot bot, ApiCall call, Refusal refusal) {
        count(bot, call);
        synchronized (bot) {
            record(turn(bot, call), refusal);
        }
        return ApiAnswer.of(refusal);
    }

    /** The chat that a call names, if it names one. */
    @Nullable Long chatIdOf(ApiCall call) {
        try {
            return call.text("chat_id").map(name -> chats.find(name).id()).orElse(null);
        } catch (Refusal notAChat) {
            return null;
        }
    }

    private void count(Bot bot, ApiCall call) {
        ledger.countCall(bot.id(), methods.containsKey(call.method()) ? call.method() : "unknown");
    }

    private Turn turn(Bot bot, ApiCall call) {
        return new Turn(bot, call, chats, clock, clock.nanos());
    }

    private static void poll(Bot bot, ApiCall call, Promise<ApiAnswer> reply) {
        try {
            bot.updates().poll(call, reply);
        } catch (Refusal refusal) {
            reply.tryComplete(ApiAnswer.of(refusal));
        }
    }

    private ApiAnswer run(Method method, Turn turn) {
        try {
            Done done = method.call(turn);
            if (done.chat() != null) {
                record(turn, done.chat().id(), Outcome.ACCEPTED, 0, 0, done.messageId(), done.weight());
            }
            return done.answer();
        } catch (Refusal refusal) {
            record(turn, refusal);
            return ApiAnswer.of(refusal);
        }
    }

    private void record(Turn turn, Refusal refusal) {
        Long chat = chatIdOf(turn.call());
        if (chat != null) {
            Outcome outcome = refusal.code() == 429 ? Outcome.FLOODED : Outcome.REFUSED;
            record(turn, chat, outcome, refusal.code(), refusal.retryAfter(), 0, 0);
        }
    }

    private void record(Turn turn, long chat, Outcome outcome, int code, int retryAfter, int messageId, int weight) {
        ledger.record(turn.bot().id(), chat, turn.call(), outcome, code, retryAfter, messageId, weight, turn.nanos());
    }

    private void addSends(SendingMedia media) {
        add("sendMessage", SendingText::sendMessage);
        add("sendPhoto", turn -> media.send(turn, MediaKind.PHOTO));
        add("sendDocument", turn -> media.send(turn, MediaKind.DOCUMENT));
        add("sendVideo", turn -> media.send(turn, MediaKind.VIDEO));
        add("sendAudio", turn -> media.send(turn, MediaKind.AUDIO));
        add("sendVoice", turn -> media.send(turn, MediaKind.VOICE));
        add("sendAnimation", turn -> media.send(turn, MediaKind.ANIMATION));
        add("sendVideoNote", turn -> media.send(turn, MediaKind.VIDEO_NOTE));
        add("sendSticker", turn -> media.send(turn, MediaKind.STICKER));
        add("sendMediaGroup", media::sendMediaGroup);
        add("sendLocation", SendingOther::sendLocation);
        add("sendVenue", SendingOther::sendVenue);
        add("sendContact", SendingOther::sendContact);
        add("sendPoll", SendingOther::sendPoll);
        add("sendDice", SendingOther::sendDice);
        add("copyMessage", Copying::copyMessage);
        add("copyMessages", Copying::copyMessages);
        add("forwardMessage", Copying::forwardMessage);
        add("forwardMessages", Copying::forwardMessages);
    }

    private void addEdits(Editing editing) {
        add("editMessageText", editing::editMessageText);
        add("editMessageCaption", editing::editMessageCaption);
        add("editMessageMedia", editing::editMessageMedia);
        add("editMessageReplyMarkup", editing::editMessageReplyMarkup);
        add("deleteMessage", editing::deleteMessage);
        add("deleteMessages", editing::deleteMessages);
    }

    private void addReceiving(ReceivingUpdates receiving) {
        add("setWebhook", receiving::setWebhook);
        add("deleteWebhook", receiving::deleteWebhook);
        add("getWebhookInfo", ReceivingUpdates::getWebhookInfo);
        add(GET_UPDATES, turn -> {
            throw new IllegalStateException("getUpdates may wait and is answered by poll");
        });
    }

    private void add(String name, Method method) {
        methods.put(name, new Named(name, method));
    }
}
