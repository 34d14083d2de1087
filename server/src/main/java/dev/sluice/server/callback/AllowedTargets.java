package dev.sluice.server.callback;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Which addresses may be called: public ones, and those that the operator named. Immutable. */
public final class AllowedTargets {
    /** This machine, by its addresses and its name. */
    public static final Set<String> LOOPBACK = Set.of("127.0.0.0/8", "::1", "localhost");

    /**
     * What is no public address (the IANA special-purpose registries), also where a public one only wraps it: addresses that
     * translate to IPv4 are judged by nobody on the way.
     */
    private static final List<Network> NOT_PUBLIC = Stream.of(
                    "0.0.0.0/8",
                    "10.0.0.0/8",
                    "100.64.0.0/10",
                    "127.0.0.0/8",
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.0.0.0/24",
                    "192.0.2.0/24",
                    "192.88.99.0/24",
                    "192.168.0.0/16",
                    "198.18.0.0/15",
                    "198.51.100.0/24",
                    "203.0.113.0/24",
                    "224.0.0.0/3",
                    // Teredo and other protocol assignments, documentation, 6to4.
                    "2001::/23",
                    "2001:db8::/32",
                    "2002::/16",
                    "3fff::/20")
            .map(text -> Network.parse(text).orElseThrow())
            .toList();

    /** The only part of IPv6 from which public addresses are given out. */
    private static final Network GLOBAL_V6 = Network.parse("2000::/3").orElseThrow();

    private final Set<String> names = new HashSet<>();
    private final List<Network> networks = new ArrayList<>();

    private AllowedTargets(Set<String> rules) {
        for (String rule : rules) {
            Network.parse(rule).ifPresentOrElse(networks::add, () -> names.add(rule.toLowerCase(Locale.ROOT)));
        }
    }

    /** @param rules of {@link #isRule} */
    public static AllowedTargets of(Set<String> rules) {
        return new AllowedTargets(rules);
    }

    /** Whether a text names a host, an address or a network. */
    public static boolean isRule(String text) {
        return Network.parse(text).isPresent()
                || text.matches("[A-Za-z0-9]([A-Za-z0-9_.-]{0,252})") && !text.matches("[0-9.]+");
    }

    /** False if a URL will be refused whatever its host's addresses turn out to be. */
    public boolean mayAllow(CallbackUrl url) {
        String host = url.host();
        if (Network.isLiteral(host)) {
            return Network.parse(host)
                    .filter(network -> allows(host, network.first()))
                    .isPresent();
        }
        return names.contains(host) || !(host.equals("localhost") || host.endsWith(".localhost"));
    }

    /** Whether a connection may be made to an address that a host has. */
    boolean allows(String host, InetAddress address) {
        return names.contains(host)
                || networks.stream().anyMatch(network -> network.contains(address))
                || isPublic(address);
    }

    private static boolean isPublic(InetAddress address) {
        boolean given = address.getAddress().length == 4 || GLOBAL_V6.contains(address);
        return given && NOT_PUBLIC.stream().noneMatch(network -> network.contains(address));
    }
}
