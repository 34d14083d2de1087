package dev.sluice.server.gateway;

import io.vertx.core.http.ConnectionPoolTooBusyException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Short words for what broke: exceptions' own messages name addresses and paths. */
final class Failures {
    static final String TIMEOUT = "timeout";
    static final String RESET = "reset";
    static final String TRUNCATED = "truncated";
    static final String OVERSIZE = "oversize";

    private Failures() {}

    /** Why there is no connection. */
    static String connecting(@Nullable Throwable failure) {
        return switch (failure) {
            case UnknownHostException dns -> "dns";
            case UnresolvedAddressException dns -> "dns";
            case SSLException tls -> "tls";
            case TimeoutException timeout -> TIMEOUT;
            case ConnectionPoolTooBusyException busy -> "busy";
            case null, default -> "connect";
        };
    }
}
