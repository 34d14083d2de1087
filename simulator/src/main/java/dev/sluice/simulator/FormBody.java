package dev.sluice.simulator;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.multipart.Attribute;
import io.netty.handler.codec.http.multipart.DefaultHttpDataFactory;
import io.netty.handler.codec.http.multipart.FileUpload;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder;
import io.netty.handler.codec.http.multipart.InterfaceHttpData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * A multipart or urlencoded body, decoded by Netty once it is there as a whole. Piece by piece, as Vert.x would have it decoded,
 * a file gains a byte: when a piece ends between the CR and the LF before a boundary, Netty 4.2 takes the CR for content.
 */
record FormBody(Map<String, String> fields, Map<String, UploadedFile> files) {
    private static final int MOST_FIELDS = 1024;
    private static final String DEFAULT_FILE_TYPE = "application/octet-stream";

    static boolean isForm(String contentType) {
        return contentType.startsWith("multipart/form-data")
                || contentType.startsWith("application/x-www-form-urlencoded");
    }

    /**
     * Decodes a body.
     *
     * @param contentType as sent, boundary included
     * @throws Refusal if it is no such body
     */
    static FormBody decode(String contentType, byte[] body) {
        FullHttpRequest request =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/", Unpooled.wrappedBuffer(body));
        request.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
        Map<String, String> fields = new HashMap<>();
        Map<String, UploadedFile> files = new HashMap<>();
        try {
            HttpPostRequestDecoder decoder = new HttpPostRequestDecoder(
                    new DefaultHttpDataFactory(false), request, StandardCharsets.UTF_8, MOST_FIELDS, Integer.MAX_VALUE);
            try {
                for (InterfaceHttpData part : decoder.getBodyHttpDatas()) {
                    switch (part) {
                        case FileUpload file -> files.putIfAbsent(file.getName(), uploaded(file));
                        case Attribute field -> fields.putIfAbsent(field.getName(), field.getValue());
                        default -> {} // Netty has no other parts at the top
                    }
                }
            } finally {
                decoder.destroy();
            }
        } catch (HttpPostRequestDecoder.ErrorDataDecoderException
                | HttpPostRequestDecoder.TooManyFormFieldsException
                | IllegalArgumentException malformed) {
            throw Refusal.badRequest("can't parse the request body");
        } catch (IOException e) {
            throw new UncheckedIOException("parts are in memory, where reading can not fail", e);
        }
        return new FormBody(fields, files);
    }

    private static UploadedFile uploaded(FileUpload file) throws IOException {
        String name = file.getFilename();
        String type = file.getContentType();
        return new UploadedFile(
                name == null || name.isEmpty() ? "file" : name,
                type == null || type.isEmpty() ? DEFAULT_FILE_TYPE : type,
                file.get());
    }
}
