@main struct VignetteCommand { static func main() {} }
