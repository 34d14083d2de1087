package dev.sluice.simulator;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/** Which chats exist, for all bots alike: every id does unless it was said otherwise. Thread-safe. */
final class Chats {
    static final Map<Long, ChatState> MAGIC = Map.of(
            999_000_400L, new ChatState.NotFound(),
            999_000_403L, new ChatState.Blocked(),
            999_001_403L, new ChatState.Deactivated(),
            -999_000_403L, new ChatState.Kicked(),
            -999_000_400L, new ChatState.Migrated(-1_009_990_004_000L),
            999_000_429L, new ChatState.Flooded(5),
            999_000_500L, new ChatState.Broken(false),
            999_000_502L, new ChatState.Broken(true));

    private static final Pattern USERNAME = Pattern.compile("@[A-Za-z][A-Za-z0-9_]{3,31}");
    private static final Pattern ID = Pattern.compile("-?[0-9]{1,18}");
    private static final long CHANNELS_FROM = -1_002_000_000_000L;
    private static final ChatState REACHABLE = new ChatState.Reachable();

    private final Map<Long, ChatState> states = new ConcurrentHashMap<>();
    private final Map<Long, String> usernames = new ConcurrentHashMap<>();
    private final int most;

    Chats(boolean magic, int most) {
        this.most = most;
        if (magic) {
            states.putAll(MAGIC);
        }
    }

    void set(long id, ChatState state) {
        if (state instanceof ChatState.Reachable) {
            states.remove(id);
        } else if (states.size() < most || states.containsKey(id)) {
            states.put(id, state);
        } else {
            throw new IllegalStateException("the state of " + most + " chats is set already");
        }
    }

    ChatState stateOf(long id) {
        return states.getOrDefault(id, REACHABLE);
    }

    /** The chat behind an id or a {@code @username}, reachable or not. */
    Chat find(String idOrUsername) {
        String wanted = idOrUsername.strip();
        if (ID.matcher(wanted).matches() && !wanted.equals("0")) {
            return get(Long.parseLong(wanted));
        }
        if (USERNAME.matcher(wanted).matches()) {
            return channel(wanted.substring(1));
        }
        throw Refusal.badRequest("chat not found");
    }

    Chat get(long id) {
        return new Chat(id, usernames.get(id));
    }

    /** Throws what a bot is told that writes to a chat it can not reach. */
    void requireReachable(Chat chat) {
        switch (stateOf(chat.id())) {
            case ChatState.Reachable reachable -> {}
            case ChatState.Blocked blocked -> throw Refusal.forbidden("bot was blocked by the user");
            case ChatState.Deactivated deactivated -> throw Refusal.forbidden("user is deactivated");
            case ChatState.Kicked kicked -> throw Refusal.forbidden("bot was kicked from the " + chat.type() + " chat");
            case ChatState.NotFound notFound -> throw Refusal.badRequest("chat not found");
            case ChatState.Migrated(long toChat) -> throw Refusal.migrated(toChat);
            case ChatState.Flooded(int retryAfter) -> throw Refusal.tooManyRequests(retryAfter);
            case ChatState.Broken(boolean html) -> throw html ? Refusal.badGatewayHtml() : Refusal.restart();
        }
    }

    /** A username always stands for the same id: it is derived from the name. */
    private Chat channel(String username) {
        CRC32 crc = new CRC32();
        crc.update(username.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII));
        long id = CHANNELS_FROM - crc.getValue();
        if (usernames.size() < most) {
            usernames.putIfAbsent(id, username);
        }
        return new Chat(id, usernames.getOrDefault(id, username));
    }
}
