# SPDX-License-Identifier: MIT
# Words that Java learned after rouge's lexer was written, coloured where they are words of the language.
require 'rouge'

Rouge::Lexers::Java.prepend :root do
  rule %r/\b(?:record|permits)(?=\s+\p{Lu})/, Rouge::Token::Tokens::Keyword::Declaration
  rule %r/\b(?:non-sealed|sealed)(?=\s+(?:abstract\s+)?(?:class|interface)\b)/, Rouge::Token::Tokens::Keyword::Declaration
  rule %r/\b(?:yield)(?=\s+[^=.;)])/, Rouge::Token::Tokens::Keyword
end
