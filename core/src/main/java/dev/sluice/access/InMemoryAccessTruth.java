package dev.sluice.access;

import dev.sluice.SluiceException;
import dev.sluice.telegram.BotId;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** In a map. Forgets nobody, so it refuses who is too many. */
final class InMemoryAccessTruth implements AccessTruth.Settable {
    private final int most;
    private final Map<Key, AccessState> states = new ConcurrentHashMap<>();

    private record Key(BotId bot, long user) {}

    InMemoryAccessTruth(int most) {
        this.most = most;
    }

    @Override
    public Optional<AccessState> find(BotId bot, long user) {
        return Optional.ofNullable(states.get(new Key(bot, user)));
    }

    @Override
    public void set(BotId bot, long user, AccessState state) {
        var key = new Key(bot, user);
        if (states.size() >= most && !states.containsKey(key)) {
            throw new SluiceException("access of more than " + most + " users is not kept in memory: set REDIS_URL");
        }
        states.put(key, state);
    }

    @Override
    public boolean remove(BotId bot, long user) {
        return states.remove(new Key(bot, user)) != null;
    }

    @Override
    public Set<BotId> bots(long user) {
        return states.keySet().stream()
                .filter(key -> key.user() == user)
                .map(Key::bot)
                .collect(Collectors.toUnmodifiableSet());
    }
}
