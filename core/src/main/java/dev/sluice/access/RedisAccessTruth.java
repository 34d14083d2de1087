package dev.sluice.access;

import dev.sluice.redis.KeyScan;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.telegram.BotId;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** A string for each user and bot, without an end: whoever set it removes it. */
final class RedisAccessTruth implements AccessTruth.Settable {
    private static final Script FIND = script("find");
    private static final Script SET = script("set");
    private static final Script REMOVE = script("remove");

    private static final String FAMILY = "access";
    private static final String NAME = "state";
    private static final Pattern BOT = Pattern.compile("[1-9][0-9]{0,17}");

    private final ScriptRunner redis;
    private final KeySpace keys;

    RedisAccessTruth(ScriptRunner redis, KeySpace keys) {
        this.redis = redis;
        this.keys = keys;
    }

    @Override
    public Optional<AccessState> find(BotId bot, long user) {
        ScriptReply reply = redis.run(FIND, name(bot, user), List.of());
        byte[] found = reply.bytes(0);
        try {
            return found.length == 0 ? Optional.empty() : Optional.of(AccessState.CODEC.decode(found));
        } catch (IllegalArgumentException e) {
            // Another program wrote there, and what it wrote is shown to nobody.
            throw new IllegalStateException("what is kept of a user's access is no access state: set it anew");
        }
    }

    @Override
    public void set(BotId bot, long user, AccessState state) {
        redis.run(SET, name(bot, user), List.of(AccessState.CODEC.encode(state)));
    }

    @Override
    public boolean remove(BotId bot, long user) {
        return redis.run(REMOVE, name(bot, user), List.of()).number(0) == 1;
    }

    @Override
    public Set<BotId> bots(long user) {
        var bots = new HashSet<BotId>();
        String end = "_" + user;
        new KeyScan(redis, keys)
                .each(
                        FAMILY,
                        "*" + end,
                        NAME,
                        page -> page.forEach(key -> {
                            int tag = key.indexOf('{', keys.prefix().length()) + 1;
                            String bot = key.substring(tag, key.indexOf(end + "}", tag));
                            if (BOT.matcher(bot).matches()) { // else it is another program's
                                bots.add(new BotId(Long.parseLong(bot)));
                            }
                        }));
        return bots;
    }

    private List<String> name(BotId bot, long user) {
        return List.of(keys.key(FAMILY, bot + "_" + user, NAME));
    }

    private static Script script(String name) {
        return Script.of("access/" + name, new Script.Part(RedisAccessTruth.class, name + ".lua"));
    }
}
