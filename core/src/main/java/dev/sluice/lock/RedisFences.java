package dev.sluice.lock;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.Script.Part;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Fenced values in Redis: a string for each, the fence before the value. */
final class RedisFences implements Fences {
    private static final Script WRITE = Script.of("lock/fenced-write", new Part(RedisFences.class, "fenced-write.lua"));
    private static final Script READ = Script.of("lock/fenced-read", new Part(RedisFences.class, "fenced-read.lua"));

    private final ScriptRunner redis;
    private final KeySpace keys;

    RedisFences(ScriptRunner redis, KeySpace keys) {
        this.redis = redis;
        this.keys = keys;
    }

    @Override
    public boolean write(String resource, long fence, byte[] value, Duration keep) {
        var write = new FencedWrite(new LockName(resource), fence, value, keep);
        return redis.run(
                                WRITE,
                                List.of(key(write.resource())),
                                List.of(
                                        Long.toString(fence).getBytes(US_ASCII),
                                        value,
                                        Long.toString(keep.toMillis()).getBytes(US_ASCII)))
                        .number(0)
                == 1;
    }

    @Override
    public Optional<Fenced> read(String resource) {
        ScriptReply reply = redis.run(READ, List.of(key(new LockName(resource))), List.of());
        if (reply.size() == 0) {
            return Optional.empty();
        }
        byte[] text = reply.bytes(0);
        int space = 0;
        while (text[space] != ' ') {
            space++;
        }
        return Optional.of(new Fenced(
                Long.parseLong(new String(text, 0, space, US_ASCII)),
                Arrays.copyOfRange(text, space + 1, text.length)));
    }

    private String key(LockName resource) {
        return keys.key("locks", resource.digest(), "fenced");
    }
}
