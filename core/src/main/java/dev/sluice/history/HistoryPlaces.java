package dev.sluice.history;

import dev.sluice.privacy.PrivacyLevel;
import dev.sluice.privacy.PrivacyLevels;
import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where entries may be, by the privacy levels of whose text they are. */
record HistoryPlaces(PrivacyLevels levels) {
    enum Place {
        ANYWHERE,
        /** In this process' memory and nowhere else. */
        HERE,
        /** Nobody can tell just now. */
        UNKNOWN;

        /** There is no other place for what may be written nowhere, or of which nobody knows whether it may. */
        Place withoutRedis() {
            return this == UNKNOWN ? HERE : this;
        }
    }

    /** Entries that follow each other and may be in the same place. */
    record Run(Place place, List<Ready> entries) {}

    static RedisUnavailableException unknown() {
        return new RedisUnavailableException("it cannot be asked just now whose texts may be kept", false, null);
    }

    /** Of groups and channels each entry has a place of its own. */
    Place ofChat(HistoryKey key) {
        return key.isPrivate() ? ofUser(key.chat()) : Place.ANYWHERE;
    }

    List<Run> runs(List<Ready> entries) {
        Map<Long, Place> known = new HashMap<>();
        var runs = new ArrayList<Run>();
        for (Ready entry : entries) {
            Place place = known.computeIfAbsent(entry.user(), this::ofUser);
            if (runs.isEmpty() || runs.getLast().place() != place) {
                runs.add(new Run(place, new ArrayList<>()));
            }
            runs.getLast().entries().add(entry);
        }
        return runs;
    }

    /** What a store says, but for what it should not have. */
    static List<Ready> storable(List<Run> runs) {
        return runs.stream()
                .filter(run -> run.place() != Place.HERE)
                .flatMap(run -> run.entries().stream())
                .toList();
    }

    private Place ofUser(long user) {
        if (user == 0) {
            return Place.ANYWHERE;
        }
        try {
            return levels.find(user) == PrivacyLevel.NONE ? Place.HERE : Place.ANYWHERE;
        } catch (RedisUnavailableException | RedisScriptException e) {
            return Place.UNKNOWN;
        }
    }
}
