package dev.sluice.server.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sluice.queue.MessageQueue;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Telegram's answers have shown about chats' ids: which number a {@code @username} has, and what a group has become. The
 * queue is told, so that every process on its store knows, and what waits under one id joins the other's lane. Forgets after
 * an hour or beyond {@value #MOST} entries; then a username is looked up in the queue, and a group's call is answered by the
 * migration again. Thread-safe; may block for as long as the queue does.
 */
final class ChatDirectory {
    private static final Logger log = LoggerFactory.getLogger(ChatDirectory.class);

    private static final int MOST = 100_000;
    private static final Duration KEEP = Duration.ofHours(1);

    /** So that neither a broadcast to many usernames nor a store that is away costs a question for each call. */
    private static final Duration UNKNOWN = Duration.ofSeconds(5);

    /** A migration follows a migration never; two steps cover a username of a migrated group. */
    private static final int STEPS = 2;

    private record Entry(BotId bot, ChatId chat) {}

    /** @param told whether the queue knows, too */
    private record Known(ChatId id, boolean told) {}

    private final Optional<MessageQueue> queue;
    private final Cache<Entry, Known> known =
            Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(KEEP).build();

    /** Usernames that the queue did not know a moment ago. */
    private final Cache<Entry, Boolean> unknown =
            Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(UNKNOWN).build();

    ChatDirectory(Optional<MessageQueue> queue) {
        this.queue = queue;
    }

    /** The id whose buckets a call to {@code chat} spends. */
    ChatId resolve(BotId bot, ChatId chat) {
        ChatId resolved = chat;
        for (int step = 0; step < STEPS; step++) {
            Known next = known.getIfPresent(new Entry(bot, resolved));
            if (next == null) {
                return resolved.isUsername() ? lookedUp(bot, resolved) : resolved;
            }
            resolved = next.id;
        }
        return resolved;
    }

    private ChatId lookedUp(BotId bot, ChatId username) {
        var entry = new Entry(bot, username);
        if (queue.isEmpty() || unknown.getIfPresent(entry) != null) {
            return username;
        }
        ChatId id = username;
        try {
            id = queue.get().identity(bot, username);
        } catch (RuntimeException e) {
            log.debug(
                    "the queue does not say which chat a username is: {}",
                    e.getClass().getSimpleName());
        }
        if (id.equals(username)) {
            unknown.put(entry, true);
        } else {
            known.put(entry, new Known(id, true));
        }
        return id;
    }

    /** Where a call to {@code chat} must go instead, if it was seen to have migrated. Usernames move with their chat. */
    Optional<ChatId> movedTo(BotId bot, ChatId chat) {
        return chat.isUsername()
                ? Optional.empty()
                : Optional.ofNullable(known.getIfPresent(new Entry(bot, chat))).map(Known::id);
    }

    /**
     * Telegram answered a call to {@code chat} by what it asked for.
     *
     * @param shown the chat of the message in the answer. Usernames name only groups and channels
     */
    void answered(BotId bot, ChatId chat, Optional<ChatId> shown) {
        var entry = new Entry(bot, chat);
        Known before = known.getIfPresent(entry);
        Optional<ChatId> id = chat.isUsername()
                ? shown.filter(all -> all.isGroup() && all.isNumeric())
                : Optional.ofNullable(before).map(Known::id);
        if (id.isPresent() && (before == null || !before.told || !before.id.equals(id.get()))) {
            known.put(entry, new Known(id.get(), told(bot, chat, id.get())));
            unknown.invalidate(entry);
        }
    }

    /**
     * A call to {@code chat} was told where it must go. The queue hears of it when something has arrived there: until then the call
     * that was told so is charged for its second attempt, and the first has reached nobody.
     */
    void migrated(BotId bot, ChatId chat, ChatId newChat) {
        if (chat.isGroup() && !chat.isUsername() && newChat.isNumeric() && !chat.equals(newChat)) {
            known.put(new Entry(bot, chat), new Known(newChat, false));
        }
    }

    /** What the queue could not be told now it is told by the next answer: nothing that happens here is the call's fault. */
    private boolean told(BotId bot, ChatId chat, ChatId id) {
        try {
            queue.ifPresent(all -> all.identify(bot, chat, id));
            return true;
        } catch (RuntimeException e) {
            log.debug(
                    "the queue was not told of a chat's other id: {}",
                    e.getClass().getSimpleName());
            return false;
        }
    }
}
