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

/** Records and limits that all processes on one Redis share, in a hash each: there are few, and they are read together. */
final class RedisBotStore implements BotStore {
    private static final Logger log = LoggerFactory.getLogger(RedisBotStore.class);

    private static final Script READ = script("read");
    private static final Script WRITE = script("write");
    private static final byte[] NOTHING = {};
    private static final byte[] BOT = {'1'};
    private static final byte[] LIMITS = {'2'};

    /** Redis has none like it, so that a first reading gets everything. */
    private static final long NOTHING_READ = -1;

    private final ScriptRunner redis;
    private final List<String> keys;
    private final ReentrantLock reading = new ReentrantLock();
    private volatile @Nullable Snapshot snapshot;

    RedisBotStore(ScriptRunner redis, KeySpace space) {
        this.redis = redis;
        this.keys = List.of(space.key("bots", "all", "registered"), space.key("bots", "all", "limits"));
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
        return write(BOT, record.bot(), seen, BotRecordJson.write(record));
    }

    @Override
    public Written remove(BotId bot, long seen) {
        return write(BOT, bot, seen, NOTHING);
    }

    @Override
    public Written putLimits(BotId bot, SetLimits limits, long seen) {
        return write(LIMITS, bot, seen, limits.isEmpty() ? NOTHING : SetLimitsJson.write(limits));
    }

    private Written write(byte[] what, BotId bot, long seen, byte[] record) {
        var arguments = List.of(what, text(bot.value()), text(seen), record, text(MOST_BOTS));
        ScriptReply reply = redis.run(WRITE, keys, arguments);
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
        var limits = new TreeMap<Long, KeptLimits>();
        long endOfBots = 2 + 2 * (reply.size() > 1 ? reply.number(1) : 0);
        for (int i = 2; i < endOfBots; i += 2) {
            long revision = reply.number(i);
            try {
                BotRecord record = BotRecordJson.read(reply.bytes(i + 1));
                bots.put(record.bot().value(), new Kept(revision, record));
            } catch (IllegalArgumentException e) {
                log.error("a registered bot's record cannot be read: {}", e.getMessage());
            }
        }
        for (int i = Math.toIntExact(endOfBots); i < reply.size(); i += 3) {
            long bot = reply.number(i);
            try {
                limits.put(bot, new KeptLimits(reply.number(i + 1), SetLimitsJson.read(reply.bytes(i + 2))));
            } catch (IllegalArgumentException e) {
                log.error("the limits that were set for bot {} cannot be read: {}", bot, e.getMessage());
            }
        }
        return new Snapshot(reply.number(0), bots, limits);
    }

    private static Script script(String step) {
        return Script.of("bots/" + step, new Script.Part(RedisBotStore.class, step + ".lua"));
    }

    private static byte[] text(long number) {
        return Long.toString(number).getBytes(UTF_8);
    }
}
