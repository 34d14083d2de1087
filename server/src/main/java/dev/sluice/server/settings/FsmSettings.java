package dev.sluice.server.settings;

import dev.sluice.fsm.FsmStorage;
import java.time.Duration;
import java.util.List;

/**
 * How conversations are kept.
 *
 * @param keep for how long from the last touch
 */
public record FsmSettings(Duration keep) {
    static final Setting<Duration> KEEP = Setting.of(
            "REDIS_TTL_FSM",
            Forms.duration(FsmStorage.SHORTEST_KEEP, FsmStorage.LONGEST_KEEP),
            Long.toString(FsmStorage.USUAL_KEEP.toSeconds()),
            "How long state and data of a conversation are kept from the last touch (docs/state.md).");

    static final List<Setting<?>> ALL = List.of(KEEP);

    static FsmSettings read(Reading reading) {
        return new FsmSettings(reading.get(KEEP));
    }
}
