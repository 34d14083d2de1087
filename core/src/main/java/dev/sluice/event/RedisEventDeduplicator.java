package dev.sluice.event;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;

/** A stream on Redis: a string that says when its two generations began, and a set for each. */
final class RedisEventDeduplicator implements EventDeduplicator {
    private static final String FAMILY = "events";
    private static final Script MARK = script("mark");
    private static final Script FORGET = script("forget");

    private final ScriptRunner redis;
    private final KeySpace keys;
    private final DedupeWindow window;

    RedisEventDeduplicator(ScriptRunner redis, KeySpace keys, DedupeWindow window) {
        this.redis = redis;
        this.keys = keys;
        this.window = window;
    }

    @Override
    public BitSet firstSeen(String stream, List<String> eventIds) {
        List<EventDigest> digests = EventDigest.of(stream, eventIds);
        var first = new BitSet(digests.size());
        if (digests.isEmpty()) {
            return first;
        }
        ScriptReply reply = redis.run(
                MARK,
                names(stream),
                List.of(ascii(window.lengthMicros()), ascii(window.most()), EventDigest.packed(digests)));
        byte[] answers = reply.bytes(0);
        if (answers.length != digests.size()) {
            throw new IllegalStateException("script " + reply.script() + " answered for " + answers.length + " of "
                    + digests.size() + " events");
        }
        for (int i = 0; i < answers.length; i++) {
            first.set(i, answers[i] == '1');
        }
        return first;
    }

    @Override
    public int forget(String stream, List<String> eventIds) {
        List<EventDigest> digests = EventDigest.of(stream, eventIds);
        if (digests.isEmpty()) {
            return 0;
        }
        ScriptReply reply =
                redis.run(FORGET, names(stream), List.of(ascii(window.lengthMicros()), EventDigest.packed(digests)));
        return Math.toIntExact(reply.number(0));
    }

    private List<String> names(String stream) {
        return List.of(
                keys.key(FAMILY, stream, "window"),
                keys.key(FAMILY, stream, "current"),
                keys.key(FAMILY, stream, "before"));
    }

    private static byte[] ascii(long number) {
        return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
    }

    private static Script script(String name) {
        return Script.of("event/" + name, part("generations"), part(name));
    }

    private static Script.Part part(String name) {
        return new Script.Part(RedisEventDeduplicator.class, name + ".lua");
    }
}
