package dev.sluice.server.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sluice.queue.MessageQueue;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.Optional;

/**
 * What Telegram's answers have shown about chats' ids: which number a {@code @username} has, and what a group has become. The
 * queue is told, so that every process on its store knows, and what waits under one id joins the other's lane. Forgets after
 * an hour or beyond {@value #MOST} entries; then a username is looked up in the queue, and a group's call is answered by the
 * migration again. Thread-safe; may block for as long as the queue does.
 */
final class ChatDirectory {
    private static final int MOST = 100_000;
    private static final Duration KEEP = Duration.ofHours(1);

    /** A migration follows a migration never; two steps cover a username of a migrated group. */
    private static final int STEPS = 2;

    private record Entry(BotId bot, ChatId chat) {}

    /** @param told whether the queue knows, too */
    private record Known(ChatId id, boolean told) {}

    private final Optional<MessageQueue> queue;
    private final Cache<Entry, Known> known =
            Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(KEEP).build();

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
        try {
            ChatId id = queue.map(all -> all.identity(bot, username)).orElse(username);
            if (!id.equals(username)) {
                known.put(new Entry(bot, username), new Known(id, true));
            }
            return id;
        } catch (RedisUnavailableException e) {
            return username;
        }
    }

    /** Where a call to {@code chat} must go instead, if it was seen to have migrated. Usernames move with their chat. */
    Optional<ChatId> movedTo(BotId bot, ChatId chat) {
        return chat.isUsername()
                ? Optional.empty()
                : Optional.ofNullable(known.getIfPresent(new Entry(bot, chat))).map(Known::id);
    }

    /** Telegram answered a call to {@code chat} with a message in {@code shown}. Usernames name only groups and channels. */
    void answeredIn(BotId bot, ChatId chat, ChatId shown) {
        if (chat.isUsername() && shown.isGroup() && shown.isNumeric()) {
            learned(bot, chat, shown);
        }
    }

    void migrated(BotId bot, ChatId chat, ChatId newChat) {
        if (chat.isGroup() && !chat.isUsername() && newChat.isNumeric() && !chat.equals(newChat)) {
            learned(bot, chat, newChat);
        }
    }

    private void learned(BotId bot, ChatId chat, ChatId id) {
        var entry = new Entry(bot, chat);
        Known before = known.getIfPresent(entry);
        if (before == null || !before.told || !before.id.equals(id)) {
            known.put(entry, new Known(id, told(bot, chat, id)));
        }
    }

    /** What the queue could not be told now it is told by the next answer. */
    private boolean told(BotId bot, ChatId chat, ChatId id) {
        try {
            queue.ifPresent(all -> all.identify(bot, chat, id));
            return true;
        } catch (RedisUnavailableException e) {
            return false;
        }
    }
}
