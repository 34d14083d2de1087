package dev.sluice.broadcast;

import dev.sluice.queue.QueueLink;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.Script.Part;
import dev.sluice.telegram.BotId;
import java.util.ArrayList;
import java.util.List;

/** The steps of broadcasts, and the keys they are given. */
final class BroadcastScripts {
    private static final Part BROADCASTS = part("broadcasts");

    static final Script DRAFT = script("draft", BROADCASTS);
    static final Script ADD = script("add", BROADCASTS);
    static final Script DISCARD = script("discard", BROADCASTS);
    static final Script START = script("start", BROADCASTS);
    static final Script FIND = script("find", BROADCASTS);
    static final Script LIST = script("list", BROADCASTS);
    static final Script UNFINISHED = script("unfinished", BROADCASTS);
    static final Script CHANGE = script("change", BROADCASTS);
    static final Script TEND = script("tend", BROADCASTS, QueueLink.MESSAGES, QueueLink.LANES);
    static final Script FEED = script("feed", BROADCASTS, QueueLink.MESSAGES, QueueLink.LANES);
    static final Script OUTCOMES = script("outcomes", BROADCASTS);
    static final Script CHUNK = script("chunk", BROADCASTS);
    static final Script REGISTER = script("register");
    static final Script BOTS = script("bots");
    static final Script RETIRE = script("retire");

    private static final String FAMILY = "broadcast";

    private BroadcastScripts() {}

    /** Those of the queue, then what the names of the bot's broadcasts start with. */
    static List<String> keys(BotId bot, QueueLink queue, KeySpace keys) {
        var all = new ArrayList<>(queue.keys(bot));
        all.add(keys.key(FAMILY, bot.toString(), ""));
        return all;
    }

    /** When bots began their last broadcast. */
    static List<String> registry(KeySpace keys) {
        return List.of(keys.key(FAMILY, "bots", "all"));
    }

    private static Script script(String name, Part... libraries) {
        var parts = new ArrayList<>(List.of(libraries));
        parts.add(part(name));
        return Script.of("broadcast/" + name, parts.toArray(Part[]::new));
    }

    private static Part part(String name) {
        return new Part(BroadcastScripts.class, name + ".lua");
    }
}
