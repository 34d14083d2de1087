package dev.sluice.benchmarks;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One connection that stays open: writes the bytes of a request and reads its answer, in two system calls if all goes well.
 * It shares the machine with what it measures, so it does no more than that. For one thread at a time.
 */
final class HttpConnection implements Closeable {
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final int LONGEST_ANSWER = 64 << 10;

    private final Socket socket = new Socket();
    private final byte[] answer = new byte[LONGEST_ANSWER];
    private int length;

    HttpConnection(URI server) throws IOException {
        socket.setTcpNoDelay(true);
        try {
            socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), TIMEOUT_MILLIS);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** @return the answer's status */
    int exchange(byte[] request) throws IOException {
        socket.getOutputStream().write(request);
        length = 0;
        int whole = Integer.MAX_VALUE;
        while (length < whole) {
            int read = socket.getInputStream().read(answer, length, answer.length - length);
            if (read <= 0) {
                throw new EOFException("an answer ended after " + length + " bytes");
            }
            length += read;
            if (whole == Integer.MAX_VALUE) {
                whole = lengthOf(length);
            }
        }
        return (answer[9] - '0') * 100 + (answer[10] - '0') * 10 + (answer[11] - '0'); // HTTP/1.1 200
    }

    /** With its head. */
    String lastAnswer() {
        return new String(answer, 0, length, StandardCharsets.UTF_8);
    }

    /** Of the answer with its head, once the head has arrived. */
    private int lengthOf(int arrived) throws IOException {
        int end = endOfHead(arrived);
        if (end < 0) {
            return Integer.MAX_VALUE;
        }
        String head = new String(answer, 0, end, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
        int field = head.indexOf("\r\ncontent-length:");
        if (field < 0) {
            throw new IOException("an answer without a Content-Length");
        }
        int from = field + "\r\ncontent-length:".length();
        return end
                + Integer.parseInt(
                        head.substring(from, head.indexOf('\r', from)).strip());
    }

    private int endOfHead(int arrived) {
        for (int i = 3; i < arrived; i++) {
            if (answer[i] == '\n' && answer[i - 1] == '\r' && answer[i - 2] == '\n') {
                return i + 1;
            }
        }
        return -1;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
