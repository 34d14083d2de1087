package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ReservedPortsTest {
    private static final int FIRST_OUTGOING = 32_768;
    private static final int TO_BUS = 10_000;

    /** Above all that {@link ReservedPorts#reserve} gives, below their buses. */
    private static final int NEVER_RESERVED = 20_000;

    @Test
    void no_other_process_gets_a_port_while_nothing_listens_on_it_until_its_owner_was_killed() throws Exception {
        Process owner = ChildJvm.start(Owner.class);
        try (var told = new BufferedReader(new InputStreamReader(owner.getInputStream(), StandardCharsets.UTF_8))) {
            int port = Integer.parseInt(told.readLine());
            assertThat(ReservedPorts.tryReserve(port)).isFalse();

            owner.destroyForcibly();
            assertThat(owner.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(ReservedPorts.tryReserve(port)).isTrue();
            assertThat(ReservedPorts.tryReserve(port)).isFalse();
        } finally {
            owner.destroyForcibly();
        }
    }

    @Test
    void a_port_on_which_anybody_listens_is_not_given() throws IOException {
        int port;
        try (var listener = new ServerSocket()) {
            port = bindFrom(listener, NEVER_RESERVED);
            assertThat(ReservedPorts.tryReserve(port)).isFalse();
        }
        assertThat(ReservedPorts.tryReserve(port)).isTrue();
    }

    @Test
    void a_port_on_whose_bus_anybody_listens_is_not_given() throws IOException {
        int port;
        try (var listener = new ServerSocket()) {
            port = bindFrom(listener, NEVER_RESERVED + 200 + TO_BUS) - TO_BUS;
            assertThat(ReservedPorts.tryReserve(port)).isFalse();
        }
        assertThat(ReservedPorts.tryReserve(port)).isTrue();
    }

    private static int bindFrom(ServerSocket listener, int first) throws IOException {
        for (int port = first; port < first + 100; port++) {
            try {
                listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return port;
            } catch (IOException e) {
                // Taken: the next.
            }
        }
        throw new IOException("no port is free from " + first);
    }

    @Test
    void ports_and_buses_lie_below_those_of_outgoing_connections_and_are_given_once() {
        var seen = new HashSet<Integer>();
        for (int i = 0; i < 50; i++) {
            int port = ReservedPorts.reserve();
            assertThat(port + TO_BUS).isLessThan(FIRST_OUTGOING);
            assertThat(seen.add(port)).isTrue();
            assertThat(seen.add(port + TO_BUS)).isTrue();
        }
    }

    @Test
    void a_redis_that_was_closed_leaves_its_port_to_nobody_of_this_process() {
        int port;
        try (RedisProcess redis = RedisFixture.start()) {
            port = redis.port();
        }

        assertThat(ReservedPorts.tryReserve(port)).isFalse();
    }

    /** Reserves a port, prints it and waits to be killed. */
    static final class Owner {
        private Owner() {}

        public static void main(String[] arguments) throws IOException {
            System.out.println(ReservedPorts.reserve());
            System.in.read();
        }
    }
}
