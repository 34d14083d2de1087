package dev.sluice.server.settings;

import dev.sluice.server.callback.AllowedTargets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How callers are told what became of what they queued.
 *
 * @param secret what callbacks are signed with; empty means that there are none
 * @param targets hosts and networks that callbacks may go to beside public addresses
 */
public record CallbackingSettings(Optional<String> secret, Set<String> targets) {
    /** Shorter ones can be found by trying: whoever gets one callback can try as many as they like. */
    private static final int SHORTEST_SECRET = 16;

    static final Setting<String> SECRET = Setting.withoutDefault(
                    "SLUICE_CALLBACK_SECRET",
                    Forms.secret(SHORTEST_SECRET),
                    "Signs callbacks (`X-Sluice-Signature`), the same in all processes. Without one nobody is called back.")
            .secret();
    static final Setting<Set<String>> TARGETS = Setting.withoutDefault(
            "SLUICE_WEBHOOK_TARGETS",
            Forms.list("hosts, addresses or networks such as 10.0.0.0/8", CallbackingSettings::rule),
            "Where callbacks may go although it is no public address.");

    static final List<Setting<?>> ALL = List.of(SECRET, TARGETS);

    public CallbackingSettings {
        targets = Set.copyOf(targets);
    }

    static CallbackingSettings read(Reading reading) {
        return new CallbackingSettings(
                reading.find(SECRET), reading.find(TARGETS).orElse(Set.of()));
    }

    private static String rule(String text) {
        if (!AllowedTargets.isRule(text)) {
            throw new IllegalArgumentException();
        }
        return text;
    }

    CallbackingSettings allowing(Set<String> more) {
        var all = new HashSet<>(targets);
        all.addAll(more);
        return new CallbackingSettings(secret, all);
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "CallbackingSettings[" + (secret.isPresent() ? "signed" : "off") + "]";
    }
}
