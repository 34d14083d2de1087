package dev.sluice.server.settings;

import dev.sluice.redis.RedisSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where the shared state lives.
 *
 * @param redisUrl the Redis to use, in the form of {@code REDIS_URL}; empty means this process' memory or {@code embedded}
 * @param redisTimeout the deadline of a decision, to which the round trip measured at start is added
 * @param embedded whether to run a Redis of our own as a child process
 * @param dataDirectory where the embedded Redis keeps its data and its log
 * @param appendFsync how often the embedded Redis forces its log to disk
 */
public record StoreSettings(
        Optional<String> redisUrl,
        Duration redisTimeout,
        boolean embedded,
        Path dataDirectory,
        AppendFsync appendFsync) {

    /** How often the embedded Redis forces what it wrote to disk. */
    public enum AppendFsync {
        /** Before each answer: nothing acknowledged is lost. */
        ALWAYS,
        /** Once a second: at most the last two seconds are lost when the machine dies. */
        EVERYSEC,
        /** When the operating system likes. */
        NO
    }

    /** A decision on a healthy Redis takes under a millisecond; 50 ms hide a hiccup and still keep calls quick. */
    private static final String DEFAULT_TIMEOUT = "50ms";

    private static final String DEFAULT_PORT = "6379";

    /** Beside the program's other files of this folder. */
    private static final String DEFAULT_DATA_DIRECTORY = ".sluice";

    /** Redis' own default: a disk flush per message would cost more than a machine's crash does. */
    private static final String DEFAULT_APPEND_FSYNC = "everysec";

    static final Setting<String> REDIS_URL = Setting.withoutDefault(
                    "REDIS_URL",
                    redisUrlForm(),
                    "The Redis shared by all replicas: `redis://`, `rediss://` (TLS), `redis-sentinel://`, several nodes for Cluster."
                            + " Without one, state lives in this process' memory.")
            .holdingCredentials();
    static final Setting<String> REDIS_HOST = Setting.withoutDefault(
            "REDIS_HOST", Forms.host(), "Host of a single Redis without password, instead of REDIS_URL.");
    static final Setting<Integer> REDIS_PORT =
            Setting.of("REDIS_PORT", Forms.integer(1, 65_535), DEFAULT_PORT, "Port to REDIS_HOST.");
    static final Setting<Duration> REDIS_TIMEOUT = Setting.of(
            "REDIS_TIMEOUT",
            Forms.duration(Duration.ofMillis(1), Duration.ofSeconds(30)),
            DEFAULT_TIMEOUT,
            "Deadline of a decision in Redis; the round trip measured at start is added.");
    static final Setting<Path> DATA_DIR = Setting.of(
            "SLUICE_DATA_DIR",
            Forms.path(),
            DEFAULT_DATA_DIRECTORY,
            "Folder of the embedded Redis: data, log, process id.");
    static final Setting<AppendFsync> APPEND_FSYNC = Setting.of(
            "SLUICE_EMBEDDED_APPENDFSYNC",
            Forms.choice(AppendFsync.class),
            DEFAULT_APPEND_FSYNC,
            "How often the embedded Redis forces its log to disk.");

    static final List<Setting<?>> ALL =
            List.of(REDIS_URL, REDIS_HOST, REDIS_PORT, REDIS_TIMEOUT, DATA_DIR, APPEND_FSYNC);

    static StoreSettings read(Reading reading, boolean embedded) {
        var url = reading.find(REDIS_URL);
        var host = reading.find(REDIS_HOST);
        int port = reading.get(REDIS_PORT);
        if (reading.isSet(REDIS_URL) && reading.isSet(REDIS_HOST)) {
            reading.refuse(REDIS_HOST, "REDIS_URL is set as well; set one of the two");
        } else if (reading.isSet(REDIS_PORT) && !reading.isSet(REDIS_HOST)) {
            reading.refuse(REDIS_PORT, "means nothing without REDIS_HOST");
        }
        if (embedded && reading.isSet(REDIS_URL)) {
            reading.refuse(REDIS_URL, "--embedded starts a Redis of its own; use one of the two");
        } else if (embedded && reading.isSet(REDIS_HOST)) {
            reading.refuse(REDIS_HOST, "--embedded starts a Redis of its own; use one of the two");
        }
        return new StoreSettings(
                url.or(() -> host.map(name -> "redis://" + bracketed(name) + ":" + port)),
                reading.get(REDIS_TIMEOUT),
                embedded,
                reading.get(DATA_DIR),
                reading.get(APPEND_FSYNC));
    }

    /** The same on this Redis. */
    StoreSettings at(String url) {
        return new StoreSettings(Optional.of(url), redisTimeout, embedded, dataDirectory, appendFsync);
    }

    private static String bracketed(String host) {
        return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    }

    static Form<String> redisUrlForm() {
        return new Form<>(
                "redis://[user:password@]host[:port][/database], rediss:// for TLS, redis-sentinel://host,host/#master,"
                        + " or nodes separated by commas for Cluster",
                text -> {
                    try {
                        RedisSettings.parse(text);
                        return text;
                    } catch (IllegalArgumentException e) {
                        throw new Form.Complaint(String.valueOf(e.getMessage()));
                    }
                });
    }
}
