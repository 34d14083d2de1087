package dev.sluice.server.bots;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.telegram.BotId;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Records that all processes on one Redis share, all in one hash: there are few, and they are read together. */
final class RedisBotStore implements BotStore {
    private static final Logger log = LoggerFactory.getLogger(RedisBotStore.class);

    private static final Script READ = script("read");
    private static final Script WRITE = script("write");
    private static final byte[] NOTHING = {};

    /** Redis has none like it, so that a first reading gets everything. */
    private static final long NOTHING_READ = -1;

    private final ScriptRunner redis;
    private final List<String> keys;
    private final ReentrantLock reading = new ReentrantLock();
    private volatile @Nullable Snapshot snapshot;

    RedisBotStore(ScriptRunner redis, KeySpace space) {
        this.redis = redis;
        this.keys = List.of(space.key("bots", "all", "registered"));
    }

    @Override
    public Optional<Snapshot> known() {
        return Optional.ofNullable(snapshot);
    }

    @Override
    public Snapshot read() {
        // One after the other, or an older reading could be put in a newer one's place.
        reading.lock();
        try {
            Snapshot before = snapshot;
            long seen = before == null ? NOTHING_READ : before.revision();
            ScriptReply reply = redis.run(READ, keys, List.of(text(seen)));
            if (before != null && reply.number(0) == seen) {
                return before;
            }
            Snapshot now = snapshot(reply);
            snapshot = now;
            return now;
        } finally {
            reading.unlock();
        }
    }

    @Override
    public Written put(BotRecord record, long seen) {
        return write(record.bot(), seen, BotRecordJson.write(record));
    }

    @Override
    public Written remove(BotId bot, long seen) {
        return write(bot, seen, NOTHING);
    }

    private Written write(BotId bot, long seen, byte[] record) {
        ScriptReply reply = redis.run(WRITE, keys, List.of(text(bot.value()), text(seen), record, text(MOST_BOTS)));
        Written written = switch (reply.text(0)) {
            case "done" -> Written.DONE;
            case "changed" -> Written.CHANGED;
            case "full" -> Written.FULL;
            default ->
                throw new IllegalStateException(
                        "script " + reply.script() + " answered an unknown word: " + reply.text(0));
        };
        if (written == Written.DONE) {
            read();
        }
        return written;
    }

    /** One record that cannot be read, such as a later version's, costs only its own bot. */
    private static Snapshot snapshot(ScriptReply reply) {
        var bots = new TreeMap<Long, Kept>();
        for (int i = 1; i < reply.size(); i += 2) {
            long revision = reply.number(i);
            try {
                BotRecord record = BotRecordJson.read(reply.bytes(i + 1));
                bots.put(record.bot().value(), new Kept(revision, record));
            } catch (IllegalArgumentException e) {
                log.error("a registered bot's record cannot be read: {}", e.getMessage());
            }
        }
        return new Snapshot(reply.number(0), bots);
    }

    private static Script script(String step) {
        return Script.of("bots/" + step, new Script.Part(RedisBotStore.class, step + ".lua"));
    }

    private static byte[] text(long number) {
        return Long.toString(number).getBytes(UTF_8);
    }
}
