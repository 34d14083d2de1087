package dev.sluice.redis;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** The scripts that the tests of the connection run. */
final class TestScripts {
    /** Adds one to a counter, and answers it. */
    static final Script COUNT = Script.ofSource("test/count", "return {redis.call('INCR', KEYS[1])}");

    private TestScripts() {}

    static long count(ScriptRunner runner, String key) {
        return runner.run(COUNT, List.of(key), List.of()).number(0);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
