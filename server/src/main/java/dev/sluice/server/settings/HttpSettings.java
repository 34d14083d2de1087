package dev.sluice.server.settings;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where Sluice listens.
 *
 * @param host the address or name to listen on
 * @param port the gateway's port; 0 lets the system choose one
 * @param adminPort a port of its own for health, metrics and {@code /v1}; empty means the gateway's
 * @param adminToken what the admin endpoints ask for; empty means they answer on loopback only
 */
public record HttpSettings(String host, int port, Optional<Integer> adminPort, Optional<String> adminToken) {
    /** Loopback: nobody else can reach it until somebody says so. */
    private static final String DEFAULT_HOST = "127.0.0.1";

    /** The port of the source documents. */
    private static final String DEFAULT_PORT = "8000";

    /** Shorter ones can be guessed over a network in reasonable time. */
    private static final int SHORTEST_ADMIN_TOKEN = 16;

    static final Setting<String> HOST = Setting.of("SLUICE_HOST", Forms.host(), DEFAULT_HOST, "Address to listen on.");
    static final Setting<Integer> PORT = Setting.of(
            "SLUICE_PORT", Forms.integer(0, 65_535), DEFAULT_PORT, "Port of the gateway; 0 takes a free one.");
    static final Setting<Integer> ADMIN_PORT = Setting.withoutDefault(
            "SLUICE_ADMIN_PORT",
            Forms.integer(0, 65_535),
            "Port of health, metrics and `/v1`, when it is not to be the gateway's; 0 takes a free one.");
    static final Setting<String> ADMIN_TOKEN = Setting.withoutDefault(
                    "SLUICE_ADMIN_TOKEN",
                    Forms.secret(SHORTEST_ADMIN_TOKEN),
                    "Bearer token of the admin endpoints; without one they answer only on a loopback address.")
            .secret();

    static final List<Setting<?>> ALL = List.of(HOST, PORT, ADMIN_PORT, ADMIN_TOKEN);

    static HttpSettings read(Reading reading) {
        int port = reading.get(PORT);
        return new HttpSettings(
                reading.get(HOST),
                port,
                reading.find(ADMIN_PORT).filter(admin -> admin == 0 || admin != port),
                reading.find(ADMIN_TOKEN));
    }

    /** Whether only this machine can reach the host. */
    public boolean isLoopback() {
        return isLoopback(host);
    }

    static boolean isLoopback(String host) {
        if (host.toLowerCase(Locale.ROOT).equals("localhost")) {
            return true;
        }
        // Only literals are looked at: a name may resolve to anything, now or later.
        if (!host.matches("[0-9.]+") && host.indexOf(':') < 0) {
            return false;
        }
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
