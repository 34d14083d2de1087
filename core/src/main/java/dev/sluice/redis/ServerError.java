package dev.sluice.redis;

import dev.sluice.redis.RedisUnavailableException.Reason;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the error that Redis answered: does it refuse to work, or did the script fail? */
final class ServerError {

    /**
     * Refusals before the script's first write, so that nothing has changed. Redis checks memory, disk and role only while a
     * script has not written yet; the others are checked before the script starts.
     */
    private static final Map<String, Reason> REFUSALS = Map.ofEntries(
            Map.entry("OOM", Reason.OUT_OF_MEMORY),
            Map.entry("READONLY", Reason.READ_ONLY),
            Map.entry("LOADING", Reason.REFUSED),
            Map.entry("MASTERDOWN", Reason.REFUSED),
            Map.entry("CLUSTERDOWN", Reason.REFUSED),
            Map.entry("TRYAGAIN", Reason.MOVING),
            Map.entry("MOVED", Reason.REFUSED),
            Map.entry("ASK", Reason.REFUSED),
            Map.entry("NOREPLICAS", Reason.REFUSED),
            Map.entry("MISCONF", Reason.REFUSED),
            Map.entry("BUSY", Reason.REFUSED),
            Map.entry("NOAUTH", Reason.REFUSED),
            Map.entry("NOPERM", Reason.REFUSED));

    /** Redis 6.2 puts what a command inside the script answered behind the place in the script; Redis 7 puts it first. */
    private static final Pattern INSIDE_SCRIPT =
            Pattern.compile("@user_script: ?\\d+: -?(OOM|READONLY|MISCONF|NOREPLICAS|MASTERDOWN|CLUSTERDOWN) ");

    private static final int LONGEST_QUOTE = 200;

    private ServerError() {}

    /** Why Redis refuses to work, or empty if it ran the script and the script failed. */
    static Optional<Reason> refusal(String error) {
        return Optional.ofNullable(REFUSALS.get(code(error)));
    }

    private static String code(String error) {
        Matcher inside = INSIDE_SCRIPT.matcher(error);
        if (inside.find()) {
            return inside.group(1);
        }
        int space = error.indexOf(' ');
        return space < 0 ? error : error.substring(0, space);
    }

    /** The error on one line of bounded length, without the arguments that Redis may repeat. */
    static String redacted(@Nullable String error) {
        if (error == null) {
            return "no reason given";
        }
        int arguments = error.indexOf(", with args beginning with");
        String text = (arguments < 0 ? error : error.substring(0, arguments)).replaceAll("\\s+", " ");
        return text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "...";
    }
}
