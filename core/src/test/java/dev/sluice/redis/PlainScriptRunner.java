package dev.sluice.redis;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The shortest runner that works on one node: for feature tests, which must not depend on deadlines. */
final class PlainScriptRunner implements ScriptRunner {
    private final RedisCommands<String, byte[]> commands;

    PlainScriptRunner(RedisCommands<String, byte[]> commands) {
        this.commands = commands;
    }

    @Override
    public ScriptReply run(Script script, List<String> keys, List<byte[]> args) {
        String[] keyArray = keys.toArray(String[]::new);
        byte[][] argArray = args.toArray(byte[][]::new);
        List<@Nullable Object> values;
        try {
            values = commands.evalsha(script.sha1(), ScriptOutputType.MULTI, keyArray, argArray);
        } catch (RedisNoScriptException e) {
            values = commands.eval(script.source(), ScriptOutputType.MULTI, keyArray, argArray);
        }
        return new ScriptReply(script.name(), Collections.unmodifiableList(values));
    }
}
