package dev.sluice.server.broadcast;

import dev.sluice.broadcast.BroadcastId;
import dev.sluice.broadcast.BroadcastStore;
import dev.sluice.broadcast.NewBroadcast;
import dev.sluice.broadcast.Started;
import dev.sluice.encryption.Sealer;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.BotId;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes uploads: what is complete and right runs, of anything else nothing stays. Thread-safe. */
public final class Uploads {
    /** What each knows of chats it has met may take 100 MB. */
    private static final int MOST_AT_ONCE = 2;

    private static final Logger log = LoggerFactory.getLogger(Uploads.class);

    private final BroadcastStore store;
    private final Sealer sealer;
    private final Consumer<BotId> started;
    private final int most;
    private final Semaphore room = new Semaphore(MOST_AT_ONCE);

    /** @param started hears of each bot that has a new broadcast; must not block */
    public Uploads(BroadcastStore store, Sealer sealer, Consumer<BotId> started) {
        this(store, sealer, started, BroadcastStore.MOST_RECIPIENTS);
    }

    /** @param most how many recipients one may have */
    Uploads(BroadcastStore store, Sealer sealer, Consumer<BotId> started, int most) {
        this.store = store;
        this.sealer = sealer;
        this.started = started;
        this.most = most;
    }

    /**
     * What an upload became.
     *
     * @param recipients how many it has
     * @param duplicates how many more lines named a chat again
     */
    public record Taken(Started started, int recipients, long duplicates) {}

    /**
     * Reads an upload to its end. Throws {@link dev.sluice.redis.RedisUnavailableException} when the store does not answer.
     *
     * @return empty if too many are read already
     * @throws InvalidUploadException if it is not right
     * @throws IOException if it broke off
     */
    public Optional<Taken> take(BotId bot, InputStream in) throws IOException {
        if (!room.tryAcquire()) {
            return Optional.empty();
        }
        try {
            var reader = new UploadReader(in);
            UploadReader.Head head = reader.head();
            BroadcastId draft = store.draft(bot);
            boolean kept = false;
            try {
                int recipients = recipients(reader, draft);
                var broadcast = new NewBroadcast(
                        head.template().sealed(sealer, bot),
                        recipients,
                        reader.duplicates(),
                        head.template().priority(),
                        head.template().isPaid(),
                        head.everybody(),
                        head.key().map(key -> once(bot, key, reader)));
                kept = true; // or repeating would lose what may run already
                Started result = store.start(draft, broadcast);
                started.accept(bot);
                return Optional.of(new Taken(result, recipients, reader.duplicates()));
            } finally {
                if (!kept) {
                    discard(draft);
                }
            }
        } finally {
            room.release();
        }
    }

    private static NewBroadcast.Once once(BotId bot, String key, UploadReader reader) {
        return new NewBroadcast.Once(
                IdempotencyKey.derived(bot.toString(), "broadcast", key).digest(), reader.content());
    }

    private int recipients(UploadReader reader, BroadcastId draft) throws IOException {
        var chunk = new ArrayList<Recipient>(BroadcastStore.CHUNK);
        int chunks = 0;
        int recipients = 0;
        Optional<Recipient> next = reader.next();
        while (next.isPresent()) {
            if (++recipients > most) {
                throw reader.tooMany(most);
            }
            chunk.add(next.get());
            next = reader.next();
            if (chunk.size() == BroadcastStore.CHUNK || next.isEmpty()) {
                if (!store.add(draft, chunks++, Chunk.sealed(sealer, draft.bot(), chunk))) {
                    throw new IOException("the draft is gone");
                }
                chunk.clear();
            }
        }
        if (recipients == 0) {
            throw reader.nobody();
        }
        return recipients;
    }

    private void discard(BroadcastId draft) {
        try {
            store.discard(draft);
        } catch (RedisUnavailableException e) {
            log.debug("a draft is left to its TTL", e);
        }
    }
}
