package dev.sluice.server.callback;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Knows the addresses of hosts. May block. */
@FunctionalInterface
interface Resolver {
    Resolver SYSTEM = host -> List.of(InetAddress.getAllByName(host));

    /** One at least. */
    List<InetAddress> addresses(String host) throws UnknownHostException;
}
