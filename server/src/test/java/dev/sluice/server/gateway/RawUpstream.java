package dev.sluice.server.gateway;

import static org.awaitility.Awaitility.await;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A TCP server in Telegram's place: does with each request exactly what a test says, and remembers every byte. */
final class RawUpstream implements AutoCloseable {
    static final String OK =
            "{\"ok\":true,\"result\":{\"message_id\":7,\"chat\":{\"id\":42,\"type\":\"private\"},\"text\":\"hi\"}}";
    private static final String ME = "{\"ok\":true,\"result\":{\"id\":1000,\"is_bot\":true,\"first_name\":\"Shop\"}}";

    record Request(int connection, String line, Map<String, String> headers, byte[] body) {
        String target() {
            return line.split(" ", -1)[1];
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        boolean is(String method) {
            return target().toLowerCase(Locale.ROOT).contains("/" + method.toLowerCase(Locale.ROOT));
        }
    }

    @FunctionalInterface
    interface Script {
        void on(Request request, Wire wire) throws IOException;
    }

    /** The answering side of one connection. */
    static final class Wire {
        private final Socket socket;

        Wire(Socket socket) {
            this.socket = socket;
        }

        void answer(int status, String json) throws IOException {
            answer(status, "application/json", json.getBytes(StandardCharsets.UTF_8));
        }

        void answer(int status, String type, byte[] body, String... headers) throws IOException {
            var head = new StringBuilder("HTTP/1.1 " + status + " X\r\nContent-Type: " + type + "\r\nContent-Length: "
                    + body.length + "\r\n");
            for (String header : headers) {
                head.append(header).append("\r\n");
            }
            write(head.append("\r\n").toString());
            socket.getOutputStream().write(body);
            socket.getOutputStream().flush();
        }

        void write(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
        }

        void close() throws IOException {
            socket.close();
        }

        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        /** Blocks until the other side has closed. */
        void awaitClose() throws IOException {
            try {
                while (socket.getInputStream().read() >= 0) {}
            } catch (IOException reset) {
                // closed is closed
            }
        }
    }

    private final ServerSocket server;
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final ConcurrentLinkedQueue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private final AtomicInteger connections = new AtomicInteger();
    private volatile Duration pausePerMegabyte = Duration.ZERO;
    private volatile Script script = RawUpstream::telegram;

    RawUpstream() throws IOException {
        server = new ServerSocket();
        server.setReceiveBufferSize(64 << 10); // what it has not read, it has not taken
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        Thread.ofVirtual().start(this::accept);
    }

    /** Answers getMe and everything else with success. */
    static void telegram(Request request, Wire wire) throws IOException {
        wire.answer(200, request.is("getMe") ? ME : OK);
    }

    /** From now on pauses after each megabyte of a body. */
    RawUpstream readingSlowly(Duration pause) {
        pausePerMegabyte = pause;
        return this;
    }

    /** What happens from now on to calls other than getMe, which stays a success. */
    RawUpstream onCalls(Script calls) {
        script = (request, wire) -> {
            if (request.is("getMe")) {
                telegram(request, wire);
            } else {
                calls.on(request, wire);
            }
        };
        return this;
    }

    RawUpstream onAll(Script all) {
        script = all;
        return this;
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    /** All requests read whole so far. */
    List<Request> requests() {
        return List.copyOf(requests);
    }

    List<Request> requests(String method) {
        return requests.stream().filter(request -> request.is(method)).toList();
    }

    int connections() {
        return connections.get();
    }

    void closeConnections() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        closeConnections();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                sockets.add(socket);
                int number = connections.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(socket, number));
            }
        } catch (IOException closed) {
            // the end of the test
        }
    }

    private void serve(Socket socket, int number) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            while (true) {
                Request request = read(in, number);
                if (request == null) {
                    return;
                }
                requests.add(request);
                script.on(request, new Wire(socket));
                if (socket.isClosed()) {
                    return;
                }
            }
        } catch (IOException broken) {
            // the client's business
        }
    }

    private @Nullable Request read(InputStream in, int connection) throws IOException {
        String line = line(in);
        if (line.isEmpty()) {
            return null;
        }
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            headers.put(header.substring(0, colon), header.substring(colon + 1).strip());
        }
        byte[] body = "chunked".equalsIgnoreCase(headers.get("Transfer-Encoding"))
                ? chunks(in)
                : body(in, Integer.parseInt(headers.getOrDefault("Content-Length", "0")));
        return new Request(connection, line, headers, body);
    }

    private byte[] body(InputStream in, int length) throws IOException {
        var body = new ByteArrayOutputStream(length);
        while (body.size() < length) {
            if (!pausePerMegabyte.isZero()) {
                await().pollDelay(pausePerMegabyte).until(() -> true);
            }
            byte[] part = in.readNBytes(Math.min(1 << 20, length - body.size()));
            if (part.length == 0) {
                throw new EOFException("the body is cut off");
            }
            body.write(part);
        }
        return body.toByteArray();
    }

    private static byte[] chunks(InputStream in) throws IOException {
        var body = new ByteArrayOutputStream();
        while (true) {
            int size = Integer.parseInt(line(in).strip(), 16);
            body.write(in.readNBytes(size));
            line(in);
            if (size == 0) {
                return body.toByteArray();
            }
        }
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            if (c == '\n') {
                return line.toString().stripTrailing();
            }
            line.append((char) c);
        }
        return "";
    }
}
