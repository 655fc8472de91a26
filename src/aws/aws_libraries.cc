#include "aws/aws_libraries.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdarg>

#include "base/check.h"

namespace firn {
namespace {

// Loaded once and never closed: their threads and exit handlers may outlive their users.
Result<void*> LoadLibraryNamed(const char* name) {
  if (void* const library = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return library;
  return Fail(ErrorKind::kUnsupported, fmt::format("S3 and DynamoDB need {}: {}", name, dlerror()),
              "Install it (Debian: libcurl4, libssl3), or use a folder as the lake");
}

Result<void*> LoadCurl() {
  static const Result<void*> library = LoadLibraryNamed("libcurl.so.4");
  return library;
}

Result<void*> LoadCrypto() {
  static const Result<void*> library = LoadLibraryNamed("libcrypto.so.3");
  return library;
}

// A function of one of them.
template <class Function>
Function* FindFunction(const Result<void*>& library, const char* name) {
  Check(library.has_value(), "whoever opens a service loads libcurl and libcrypto before anything calls them");
  auto* const found = reinterpret_cast<Function*>(dlsym(*library, name));
  Check(found != nullptr, "libcurl and libcrypto have the functions that their headers declare");
  return found;
}

}  // namespace

Status LoadAwsLibraries() {
  FIRN_TRY(LoadCurl());
  FIRN_TRY(LoadCrypto());
  return {};
}

}  // namespace firn

// Not to be seen by other libraries, which may have a libcrypto of their own.
#define FIRN_PASS_ON(library, result, name, parameters, arguments)                                     \
  __attribute__((visibility("hidden"))) result name parameters {                                       \
    static auto* const function = firn::FindFunction<result parameters>(firn::Load##library(), #name); \
    return function arguments;                                                                         \
  }

#undef curl_easy_setopt
extern "C" {
FIRN_PASS_ON(Curl, CURLcode, curl_global_init, (long flags), (flags))
FIRN_PASS_ON(Curl, CURL*, curl_easy_init, (), ())
FIRN_PASS_ON(Curl, void, curl_easy_cleanup, (CURL * handle), (handle))
FIRN_PASS_ON(Curl, void, curl_easy_reset, (CURL * handle), (handle))
FIRN_PASS_ON(Curl, CURLcode, curl_easy_perform, (CURL * handle), (handle))
FIRN_PASS_ON(Curl, const char*, curl_easy_strerror, (CURLcode code), (code))
FIRN_PASS_ON(Curl, curl_slist*, curl_slist_append, (curl_slist * list, const char* text), (list, text))
FIRN_PASS_ON(Curl, void, curl_slist_free_all, (curl_slist * list), (list))

// Its third argument is a long, a pointer or a curl_off_t: one register each, on every machine that firn runs on.
__attribute__((visibility("hidden"))) CURLcode curl_easy_setopt(CURL* handle, CURLoption option, ...) {
  static_assert(sizeof(void*) == sizeof(long) && sizeof(void*) == sizeof(curl_off_t));
  static auto* const function =
      firn::FindFunction<CURLcode(CURL*, CURLoption, ...)>(firn::LoadCurl(), "curl_easy_setopt");
  va_list arguments;
  va_start(arguments, option);
  void* const value = va_arg(arguments, void*);
  va_end(arguments);
  return function(handle, option, value);
}

FIRN_PASS_ON(Crypto, const EVP_MD*, EVP_sha256, (), ())
FIRN_PASS_ON(Crypto, int, EVP_Digest,
             (const void* data, size_t count, unsigned char* digest, unsigned int* size, const EVP_MD* type,
              ENGINE* engine),
             (data, count, digest, size, type, engine))
FIRN_PASS_ON(Crypto, unsigned char*, HMAC,
             (const EVP_MD* type, const void* key, int key_size, const unsigned char* data, size_t count,
              unsigned char* digest, unsigned int* size),
             (type, key, key_size, data, count, digest, size))
}
#undef FIRN_PASS_ON
