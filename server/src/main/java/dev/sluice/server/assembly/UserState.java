package dev.sluice.server.assembly;

import dev.sluice.encryption.Sealer;
import dev.sluice.fsm.FsmStorage;
import dev.sluice.privacy.PrivacyLevels;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.server.admin.FsmResource;
import dev.sluice.server.admin.SessionsResource;
import dev.sluice.server.health.StoredPart;
import dev.sluice.server.metrics.Metrics;
import dev.sluice.server.metrics.StateMetrics;
import dev.sluice.server.settings.ServerSettings;
import dev.sluice.session.Sessions;
import dev.sluice.state.StateEvents;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;

/**
 * What bots keep of their users between two messages.
 *
 * @param conversations makes their storage, which keeps one for so long and tells the listener
 * @param sessions likewise
 */
record UserState(
        BiFunction<Duration, StateEvents, FsmStorage> conversations,
        BiFunction<Duration, StateEvents, Sessions> sessions) {
    static UserState inMemory(LongSupplier microClock) {
        return new UserState(
                (keep, events) -> FsmStorage.inMemory(keep, microClock, events),
                (keep, events) -> Sessions.inMemory(keep, microClock, events));
    }

    static UserState onRedis(ScriptRunner redis, Sealer sealer, PrivacyLevels levels) {
        return new UserState(
                (keep, events) -> FsmStorage.onRedis(redis, KeySpace.DEFAULT, keep, sealer, levels, events),
                (keep, events) -> Sessions.onRedis(redis, KeySpace.DEFAULT, keep, sealer, levels, events));
    }

    static Features open(Backend store, ServerSettings settings, Metrics metrics) {
        UserState state = store.userState();
        var conversations = state.conversations.apply(settings.fsm().keep(), new StateMetrics(metrics, "fsm"));
        var sessions = state.sessions.apply(Sessions.USUAL_KEEP, new StateMetrics(metrics, "sessions"));
        store.privacy().data().addAll(List.of(conversations, sessions));
        String backend = store.shared() ? "redis" : "memory";
        return new Features(
                List.of(new FsmResource(conversations), new SessionsResource(sessions)),
                List.of(
                        new StoredPart("fsm", backend, store.part()),
                        new StoredPart("sessions", backend, store.part())));
    }
}
