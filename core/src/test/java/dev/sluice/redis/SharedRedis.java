package dev.sluice.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.time.Duration;

/** The test JVM's one Redis with a connection that stays open. Thread-safe. Nobody may freeze or kill it. */
public final class SharedRedis {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final RedisProcess process;
    private final RedisCommands<String, byte[]> commands;
    private final ScriptRunner runner;

    SharedRedis(RedisProcess process) {
        this.process = process;
        RedisURI uri = RedisURI.create(process.uri());
        uri.setTimeout(PATIENCE);
        RedisClient client = RedisClient.create(uri);
        this.commands = client.connect(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE))
                .sync();
        this.runner = new PlainScriptRunner(commands);
    }

    public String uri() {
        return process.uri();
    }

    public int port() {
        return process.port();
    }

    /** Empties all databases; scripts stay loaded. Takes well under a millisecond on a small data set. */
    public void flush() {
        commands.flushall();
    }

    /** Runs scripts unchanged, by the server's clock, with a deadline that no test should meet. */
    public ScriptRunner runner() {
        return runner;
    }

    /** Runs scripts by a clock that the test sets; starts at one million seconds. */
    public TestClockRunner clockRunner() {
        return new TestClockRunner(runner);
    }

    /** For looking at what a script left behind. */
    public RedisCommands<String, byte[]> commands() {
        return commands;
    }
}
