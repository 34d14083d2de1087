package dev.sluice.server.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.Optional;

/**
 * What Telegram's answers have shown about chats' ids: which number a {@code @username} has, and what a group has become.
 * Forgets after a day or beyond {@value #MOST} entries; then one call more is charged to the name, or answered by the
 * migration again. Thread-safe.
 */
final class ChatDirectory {
    private static final int MOST = 100_000;
    private static final Duration KEEP = Duration.ofHours(24);

    /** A migration follows a migration never; two steps cover a username of a migrated group. */
    private static final int STEPS = 2;

    private record Entry(BotId bot, ChatId chat) {}

    private final Cache<Entry, ChatId> known =
            Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(KEEP).build();

    /** The id whose buckets a call to {@code chat} spends. */
    ChatId resolve(BotId bot, ChatId chat) {
        ChatId resolved = chat;
        for (int step = 0; step < STEPS; step++) {
            ChatId next = known.getIfPresent(new Entry(bot, resolved));
            if (next == null) {
                return resolved;
            }
            resolved = next;
        }
        return resolved;
    }

    /** Where a call to {@code chat} must go instead, if it was seen to have migrated. Usernames move with their chat. */
    Optional<ChatId> movedTo(BotId bot, ChatId chat) {
        return chat.isUsername() ? Optional.empty() : Optional.ofNullable(known.getIfPresent(new Entry(bot, chat)));
    }

    /** Telegram answered a call to {@code chat} with a message in {@code shown}. Usernames name only groups and channels. */
    void answeredIn(BotId bot, ChatId chat, ChatId shown) {
        if (chat.isUsername() && shown.isGroup() && !shown.isUsername()) {
            known.put(new Entry(bot, chat), shown);
        }
    }

    void migrated(BotId bot, ChatId chat, ChatId newChat) {
        if (!chat.isUsername() && !chat.equals(newChat)) {
            known.put(new Entry(bot, chat), newChat);
        }
    }
}
