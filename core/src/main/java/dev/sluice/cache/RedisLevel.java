package dev.sluice.cache;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.encryption.Sealer;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The values of one cache that all replicas share. Each method is one script. Throws
 * {@link dev.sluice.redis.RedisUnavailableException} where Redis does not answer in time. Thread-safe.
 */
final class RedisLevel {
    /** What is larger would hold up everybody else who asks Redis. */
    static final int LARGEST = 1 << 20;

    private static final Script.Part ENTRIES = part("entries");
    private static final Script LOOK = script("look");
    private static final Script FILL = script("fill");
    private static final Script RENEW = script("renew");
    private static final Script RELEASE = script("release");
    private static final Script PUT = script("put");
    private static final Script FORGET = script("forget");

    private static final byte VALUE = 'v';
    private static final byte[] KEPT = {VALUE};
    private static final byte[] NONE = {'n'};
    private static final byte[] TOO_LARGE = {'x'};
    private static final byte[] NOTHING = {};

    private final ScriptRunner redis;
    private final KeySpace keys;
    private final String process;
    private final CacheSettings settings;
    private final Sealer sealer;
    private final AtomicLong fences = new AtomicLong();
    private final byte[] channel;

    /** @param process tells this process' fences from those of all others, those before its restart included */
    RedisLevel(ScriptRunner redis, KeySpace keys, String process, CacheSettings settings, Sealer sealer) {
        this.redis = redis;
        this.keys = keys;
        this.process = process;
        this.settings = settings;
        this.sealer = settings.sealed() ? sealer : Sealer.NONE;
        this.channel = CacheNews.channel(keys).getBytes(UTF_8);
    }

    /**
     * Asks for a value, and for the lease to load it if there is none that holds.
     *
     * @param ahead how many times its loading time before its end a value is to be renewed
     * @throws UnreadableException if what is there cannot be read
     */
    Look look(CacheKey key, double ahead) {
        return look(key, ahead, process + fences.incrementAndGet());
    }

    /** @param fence of the lease, if there is one to be had: unlike any other of any process */
    Look look(CacheKey key, double ahead, String fence) {
        var lease = new Look.Lease(key, fence);
        ScriptReply reply = redis.run(
                LOOK,
                names(key),
                List.of(
                        lease.fence().getBytes(UTF_8),
                        micros(settings.lease()),
                        BigDecimal.valueOf(ahead).toPlainString().getBytes(UTF_8),
                        micros(settings.ttl())));
        Optional<Look.Entry> entry = entry(key, reply);
        return switch (reply.text(0)) {
            case "keep" -> new Look.Kept(entry.orElseThrow(), Optional.empty());
            case "renew" -> new Look.Kept(entry.orElseThrow(), Optional.of(lease));
            case "load" -> new Look.Vacant(lease, entry);
            case "wait" -> new Look.Busy(entry, ofMicros(reply.number(3)));
            default ->
                throw new IllegalStateException(
                        "script " + reply.script() + " answered neither keep nor renew, load" + " nor wait");
        };
    }

    /** @return false if the lease is no longer the caller's, so that the value was not kept */
    boolean fill(Look.Lease lease, Kept value) {
        return fill(lease, value, micros(value.took()));
    }

    /** The same, and how long it took to load is for how long the lease was held; if it was renewed, since then. */
    boolean fillTimedByLease(Look.Lease lease, Kept value) {
        return fill(lease, value, NOTHING);
    }

    private boolean fill(Look.Lease lease, Kept value, byte[] took) {
        return redis.run(
                                FILL,
                                names(lease.key()),
                                List.of(
                                        lease.fence().getBytes(UTF_8),
                                        micros(value.holds()),
                                        micros(value.lives()),
                                        took,
                                        value.kind(),
                                        value.bytes(sealer, context(lease.key())),
                                        channel,
                                        news(CacheNews.FILLED, lease.key()),
                                        micros(settings.lease())))
                        .number(0)
                == 1;
    }

    /** @return false if the lease is no longer the caller's */
    boolean renew(Look.Lease lease) {
        return redis.run(RENEW, names(lease.key()), List.of(lease.fence().getBytes(UTF_8), micros(settings.lease())))
                        .number(0)
                == 1;
    }

    /** @return false if it was no longer the caller's */
    boolean release(Look.Lease lease) {
        return redis.run(
                                RELEASE,
                                names(lease.key()),
                                List.of(lease.fence().getBytes(UTF_8), channel, news(CacheNews.FILLED, lease.key())))
                        .number(0)
                == 1;
    }

    void put(CacheKey key, Kept value) {
        redis.run(
                PUT,
                names(key),
                List.of(
                        micros(value.holds()),
                        micros(value.lives()),
                        micros(value.took()),
                        value.kind(),
                        value.bytes(sealer, context(key)),
                        channel,
                        news(CacheNews.CHANGED, key)));
    }

    void forget(CacheKey key) {
        redis.run(FORGET, names(key), List.of(channel, news(CacheNews.CHANGED, key)));
    }

    /**
     * What is to be kept.
     *
     * @param content empty: that there is nothing
     * @param lives how long it is there, also to stand in for what cannot be loaded
     */
    record Kept(Optional<byte[]> content, Duration holds, Duration lives, Duration took) {
        boolean tooLarge() {
            return content.isPresent() && content.get().length > LARGEST;
        }

        byte[] kind() {
            return tooLarge() ? TOO_LARGE : content.isPresent() ? KEPT : NONE;
        }

        byte[] bytes(Sealer sealer, String context) {
            return content.isEmpty() || tooLarge() ? NOTHING : sealer.seal(context, content.get());
        }
    }

    /** What is there was written by another version of this program, or sealed by a key that is not known here. */
    static final class UnreadableException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnreadableException() {
            super("a kept value cannot be read", null, false, false);
        }
    }

    private Optional<Look.Entry> entry(CacheKey key, ScriptReply reply) {
        byte[] raw = reply.bytes(1);
        Duration holds = ofMicros(reply.number(2));
        if (raw.length == 0 || !holds.plus(settings.grace()).isPositive()) {
            return Optional.empty();
        }
        int end = 0;
        while (end < raw.length && raw[end] != '\n') {
            end++;
        }
        String[] head = new String(raw, 0, end, UTF_8).split(" ", -1);
        if (head.length != 3) {
            throw new IllegalStateException("script " + reply.script() + " answered a value without a head");
        }
        Optional<byte[]> content = Optional.empty();
        if (head[2].charAt(0) == VALUE) {
            content = sealer.open(context(key), Arrays.copyOfRange(raw, end + 1, raw.length));
            if (content.isEmpty()) {
                throw new UnreadableException();
            }
        }
        return Optional.of(new Look.Entry(content, holds, ofMicros(Long.parseLong(head[1]))));
    }

    private List<String> names(CacheKey key) {
        return List.of(
                keys.key(settings.family().word(), key.name(), settings.name()),
                keys.key("cache_lease", key.name(), settings.name()));
    }

    private String context(CacheKey key) {
        return "cache/" + settings.name() + "/" + key.name();
    }

    private byte[] news(String what, CacheKey key) {
        return (what + " " + settings.name() + " " + key.name()).getBytes(UTF_8);
    }

    private static byte[] micros(Duration time) {
        return Long.toString(TimeUnit.MICROSECONDS.convert(time)).getBytes(UTF_8);
    }

    private static Duration ofMicros(long micros) {
        return Duration.of(micros, ChronoUnit.MICROS);
    }

    private static Script script(String name) {
        return Script.of("cache/" + name, ENTRIES, part(name));
    }

    private static Script.Part part(String name) {
        return new Script.Part(RedisLevel.class, name + ".lua");
    }
}
