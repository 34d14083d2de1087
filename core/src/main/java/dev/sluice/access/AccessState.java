package dev.sluice.access;

import dev.sluice.cache.CacheCodec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether a user may use a bot.
 *
 * @param hasAccess whether they may
 * @param reason why, for programs: 1 to 32 of {@code a-z 0-9 _ -}
 * @param trialEnds when their trial ends or has ended, to the millisecond; empty if they never had one
 */
public record AccessState(boolean hasAccess, String reason, Optional<Instant> trialEnds) {
    /** What {@link #reason} matches. */
    public static final String REASON_FORM = "[a-z0-9_-]{1,32}";

    /** Of whoever has access by a trial only: it ends by itself. */
    public static final String TRIAL = "trial";

    /** Of a user who is not known. */
    public static final AccessState UNKNOWN = new AccessState(false, "unknown", Optional.empty());

    private static final String TRIAL_ENDED = "trial_ended";
    private static final String NO_TRIAL = "-";

    /** {@code <1 or 0> <reason> <milliseconds since 1970, or ->}. */
    static final CacheCodec<AccessState> CODEC = new CacheCodec<>() {
        @Override
        public byte[] encode(AccessState state) {
            String trial = state.trialEnds
                    .map(end -> Long.toString(end.toEpochMilli()))
                    .orElse(NO_TRIAL);
            return ((state.hasAccess ? "1 " : "0 ") + state.reason + " " + trial).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public AccessState decode(byte[] bytes) {
            String[] words = new String(bytes, StandardCharsets.UTF_8).split(" ", -1);
            if (words.length != 3 || !words[0].matches("[01]")) {
                throw new IllegalArgumentException("this is no access state");
            }
            return new AccessState(
                    words[0].equals("1"),
                    words[1],
                    words[2].equals(NO_TRIAL)
                            ? Optional.empty()
                            : Optional.of(Instant.ofEpochMilli(Long.parseLong(words[2]))));
        }
    };

    public AccessState {
        if (!reason.matches(REASON_FORM)) {
            throw new IllegalArgumentException("access reason '" + reason + "' does not match " + REASON_FORM);
        }
        trialEnds = trialEnds.map(end -> Instant.ofEpochMilli(end.toEpochMilli()));
    }

    /** The same as of now: a trial may have ended since it was looked up. */
    AccessState at(Instant now) {
        boolean over = hasAccess
                && reason.equals(TRIAL)
                && trialEnds.filter(end -> !end.isAfter(now)).isPresent();
        return over ? new AccessState(false, TRIAL_ENDED, trialEnds) : this;
    }
}
